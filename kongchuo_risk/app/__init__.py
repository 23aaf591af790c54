"""The Streamlit app: pages arrange, services act. Only this package knows Streamlit."""
